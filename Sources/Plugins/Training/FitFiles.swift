import Diagnostics
import PluginAPI

/// `luz_save()` and `luz_load()`: a fitted model with its code, weights, records and what continues the fit.
///
/// luz writes R's own format, which no other program can read tensors from; here it is safetensors with a description.
func registerFitFiles(_ luz: Namespace) {
    luz.function(
        "luz_save", [.value("obj", help: "the result of fit()"), .value("path"), .dots],
        help: "Saves a fitted model to one file that luz_load() reads in any session", visible: false
    ) { args in
        guard args.dots.isEmpty else { throw unexpectedDots(args) }
        let object = try args.required("obj")
        guard object.inherits("luz_module_fitted") else {
            throw WorkbenchError(
                .type, "`obj` must be the result of fit(), not \(args.describe(object))",
                hint: "torch_save(model, path) saves a module, save_session(path) everything")
        }
        let skipped = try args.context.naming(try args.string("path")) {
            try args.context.saveObject(object, to: $0)
        }
        for skip in skipped { try args.context.message("not saved: \(skip.path): \(skip.reason)\n") }
        return .null
    }
    luz.function(
        "luz_load", [.value("path", help: "a file that luz_save() wrote")], help: "The fitted model in a file"
    ) { args in
        let read = try args.context.naming(try args.string("path")) { try args.context.readObject($0) }
        for note in read.notes { try args.context.message("note: \(note)\n") }
        guard read.value.inherits("luz_module_fitted") else {
            throw WorkbenchError(
                .data,
                "'\(try args.string("path"))' holds no fitted model but a <\(read.value.classes.first?.string ?? "value")>",
                hint: "readRDS() reads it")
        }
        return read.value
    }
}
