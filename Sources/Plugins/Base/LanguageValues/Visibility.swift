import RRuntime

/// Functions whose result is printed if what they ran last would be.
package func keepVisibility(of names: [String], in namespace: Namespace) {
    for name in names {
        if case .builtin(let builtin)? = namespace.environment.local(Symbol.named(name)) {
            builtin.keepsVisibility = true
        }
    }
}
