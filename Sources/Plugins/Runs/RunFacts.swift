import Diagnostics
import PluginAPI
import Tensors

/// What a run is, as known when it begins: where from, what is trained, on what, with which settings.
struct RunFacts {
    /// Columns of the table `runs`.
    private(set) var columns: [(name: String, value: SQLValue)]
    /// Settings by name, as text, in the order in which they are shown.
    let hyperparameters: [(name: String, value: String)]

    /// The facts of a fit that is ready to begin.
    init(_ training: TrainingContext) {
        let context = training.session
        let net = NetFacts(training.model, context)
        let (data, valid) = (DataFacts(training.trainData, context), DataFacts(training.validData, context))
        func whole(_ number: Int?) -> SQLValue { number.map { .integer(Int64($0)) } ?? .null }
        func text(_ text: String?) -> SQLValue { text.map { .text($0) } ?? .null }
        columns = [
            ("script", .text(RunFacts.script(context))), ("folder", .text(context.workingDirectory)),
            ("seed", context.tensors.givenSeed.map { .integer($0) } ?? .null),
            ("r_seed", context.random.givenSeed.map { .integer(Int64($0)) } ?? .null),
            ("net", .text(net.name)), ("parameters", whole(net.parameters)), ("trainable", whole(net.trainable)),
            ("structure", .text(net.structure)),
            ("data", text(data.name)), ("items", whole(data.items)), ("fingerprint", text(data.fingerprint)),
            ("valid_items", whole(valid.items)), ("valid_fingerprint", text(valid.fingerprint)),
            ("planned", whole(training.isSearch ? 0 : training.maxEpochs)), ("begun", whole(training.epochsBefore)),
        ]
        hyperparameters = Hyperparameters(training, data).list
    }

    /// The file whose code is running, absolute; `prompt` for what is typed, `-e` for code of the command line.
    ///
    /// That of the top level first, for functions may come from anywhere; what `source()` runs has its own.
    private static func script(_ context: Context) -> String {
        var files = [context.topLevelSpan?.source.file]
        files += context.frames.map { $0.call.span?.source.file }
        files.append(context.currentCall?.span?.source.file)
        // A fit in the background has neither.
        if !context.isInteractive {
            files += context.commandArguments.filter { $0.hasPrefix("--file=") }.map { String($0.dropFirst(7)) }
        }
        guard let file = files.compactMap({ $0 }).first else { return context.isInteractive ? "prompt" : "-e" }
        return file == "standard input" ? file : context.resolvedPath(file)
    }
}

/// A net in a few words.
struct NetFacts {
    /// Class of the model.
    let name: String
    /// Numbers in its parameters, and in those that are trained.
    let parameters, trainable: Int
    /// Equal for nets that are built alike: classes, names, shapes and settings of all modules, as one number.
    let structure: String

    init(_ model: Module, _ context: Context) {
        name = model.classNames.first ?? "nn_module"
        var (all, trained) = (0, 0)
        var seen: Set<ObjectIdentifier> = []
        var text = ""
        for (path, module) in model.modules() {
            text += "\(path):\(module.classNames.joined(separator: "/"))"
            for value in module.construction?.values ?? [] where value.isAtomic && value.length <= 8 {
                text += " " + context.deparse(value).joined()
            }
            for (name, tensor) in module.parameters {
                guard let tensor else { continue }
                text += " \(name)\(tensor.shape)"
                guard seen.insert(ObjectIdentifier(tensor)).inserted else { continue }
                all += tensor.count
                if tensor.requiresGrad { trained += tensor.count }
            }
            for buffer in module.buffers { text += " \(buffer.name)\(buffer.tensor?.shape ?? [])" }
            text += "\n"
        }
        (parameters, trainable) = (all, trained)
        structure = hexadecimal(Checksum.of(Array(text.utf8)))
    }
}

/// Eight digits.
func hexadecimal(_ number: UInt32) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 8 - digits.utf8.count) + digits
}
