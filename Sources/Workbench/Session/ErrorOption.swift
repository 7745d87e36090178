import PluginAPI

extension Session {
    /// Runs what `options(error = )` asks for after an error that nobody handled.
    ///
    /// As in R a script that has such a handler goes on behind the error, unless the handler ends it.
    /// - Returns: How the expression counts now; nil if nothing is asked for.
    func runErrorOption() -> Outcome? {
        guard let handler = context.options["error"], !handler.isNull else { return nil }
        let depth = context.savedDepth()
        do {
            switch handler {
            case .expression(let code):
                for part in code.elements { _ = try context.evaluate(part, in: context.globalEnvironment) }
            case let function where function.isFunction: _ = try context.call(function, [])
            default: _ = try context.evaluate(handler, in: context.globalEnvironment)
            }
        } catch let quit as QuitRequest {
            return .quit(status: quit.status)
        } catch is Interrupt {
            context.restore(depth)
            return .interrupted
        } catch let error as UncaughtError {
            context.restore(depth)
            context.console.writeError("Error during wrapup: \(error.condition.conditionMessage)\n")
            return .failed
        } catch {
            context.restore(depth)
            context.console.writeError("Error during wrapup: \(error)\n")
            return .failed
        }
        return context.isInteractive ? .failed : .finished
    }
}
