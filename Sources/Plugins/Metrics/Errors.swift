import PluginAPI
import Tensors

/// A mean of errors over all elements, in double precision.
final class MeanError: TensorMetric, @unchecked Sendable {
    private let name: String
    private let error: (Tensor) throws -> Tensor
    private let finish: (Double) -> Double
    private var sum = 0.0
    private var count = 0

    /// - Parameters:
    ///   - name: Under which R finds the sum so far.
    ///   - error: Of the differences.
    ///   - finish: Of the mean.
    init(
        _ label: String, sum name: String, error: @escaping (Tensor) throws -> Tensor,
        finish: @escaping (Double) -> Double = { $0 }
    ) {
        self.name = name
        self.error = error
        self.finish = finish
        super.init(label)
    }

    override func update(_ predictions: Tensor, _ target: Tensor) throws {
        sum += try error(predictions.sub(target)).total()
        count += target.count
    }

    override func compute(_ context: Context) throws -> Value { .number(finish(sum / Double(count))) }

    override func stateDict(_ context: Context) throws -> Value? { .numbers([sum, Double(count)]) }

    override func loadStateDict(_ state: Value, _ context: Context) throws {
        let numbers = try savedNumbers(state, 2)
        (sum, count) = (numbers[0], Int(exactly: numbers[1]) ?? 0)
    }

    override func field(_ name: String, context: Context) throws -> Value? {
        name == self.name ? .tensor(try Tensor.scalar(.double(sum), .float64)) : nil
    }
}

func registerErrors(_ luz: Namespace) {
    luz.metric("luz_metric_mae", [], help: "Mean absolute error") { _ in
        { _ in MeanError("MAE", sum: "sum_abs_error", error: { try $0.abs() }) }
    }
    luz.metric("luz_metric_mse", [], help: "Mean squared error") { _ in
        { _ in MeanError("MSE", sum: "sum_error", error: { try $0.square() }) }
    }
    luz.metric("luz_metric_rmse", [], help: "Square root of the mean squared error") { _ in
        { _ in MeanError("RMSE", sum: "sum_error", error: { try $0.square() }, finish: { $0.squareRoot() }) }
    }
}
