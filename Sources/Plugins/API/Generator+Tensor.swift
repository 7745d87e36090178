import Diagnostics
import Tensors

extension Generator {
    /// The whole state as a tensor of bytes, for files of tensors.
    public func stateTensor() throws -> Tensor { try Tensor(stateBytes.map { Int64($0) }, dtype: .uint8) }

    /// Continues from a ``stateTensor()``.
    /// - Throws: for a tensor that is none.
    public func restore(_ state: Tensor) throws { try restore(state.to(.uint8).toArray(of: UInt8.self)) }
}
