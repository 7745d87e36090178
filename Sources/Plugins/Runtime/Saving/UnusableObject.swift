import Diagnostics

/// An object that stands for one that could not be made again: it is kept, shown and saved, and cannot be used.
package protocol UnusableObject: ForeignObject {
    /// The error of whoever wants to use it.
    func unusable(_ what: String) -> WorkbenchError
}

extension Value {
    /// The object behind the value, if it cannot be used.
    package var unusableObject: (any UnusableObject)? {
        guard case .object(let object) = self else { return nil }
        return object as? any UnusableObject
    }
}
