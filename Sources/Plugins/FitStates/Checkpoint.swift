import Diagnostics
import PluginAPI
import Tensors

/// The state of a fit in a file: safetensors with tensors under the names of the parameters (`model.fc.weight`,
/// `optimizers.opt.state.fc.weight.exp_avg`), everything else as ``TensorTree`` describes it, so that `torch_load()` gives
/// luz's list `list(epoch = , records = , model = , optimizers = , callbacks = )` back. Other programs read the tensors as
/// they read any safetensors file.
///
/// Version 2 has a second description beside it, of ``TrainingState/exact``, whose tensors are called `resume.…`; files of
/// version 1 open as well.
package struct Checkpoint {
    package let state: TrainingState

    /// Version that is written; newer ones are refused.
    package static let version = 2
    private static let exactKey = "workbench.resume"
    private static let leftKey = "left"
    private static let checksumKey = "workbench.checksum"

    /// luz's list.
    var value: Value { state.common }

    // MARK: Files

    /// The present state of a fit; tensors are shared with it.
    ///
    /// - Parameters:
    ///   - facts: What the fit was asked for.
    ///   - fields: Those of callbacks and modules written in R, from ``FieldStates``; `NULL` as published.
    ///   - marks: Names by which recovery knows the fit.
    ///   - left: What the state does not hold, in words: a fit that goes on repeats it.
    package init(
        of training: TrainingContext, _ facts: FitFacts? = nil, fields: Value = .null, marks: [String] = [],
        left: [String] = []
    ) throws {
        let state = try TrainingState(of: training)
        var exact = state.exact
        if let facts { exact = TrainingContext.setting(exact, "asked", facts.value) }
        if !fields.isNull { exact = TrainingContext.setting(exact, "fields", fields) }
        if !left.isEmpty { exact = TrainingContext.setting(exact, Checkpoint.leftKey, .strings(left)) }
        if !marks.isEmpty { exact = TrainingContext.setting(exact, "marks", .strings(marks)) }
        self.state = TrainingState(common: state.common, exact: exact)
    }

    /// Writes it; the file appears whole or not at all.
    /// - Returns: What it does not hold of the callbacks' states, in words.
    @discardableResult
    package func write(to path: String) throws -> [String] {
        // Functions that callbacks keep stay behind: code is not saved.
        var tree = TensorTree(leavingCode: true)
        let common = try tree.encode(state.common).text
        let lost = inWords(tree.left)
        let all =
            state.exact.isNull || lost.isEmpty
            ? state.exact : TrainingContext.setting(state.exact, Checkpoint.leftKey, .strings(left + lost))
        let exact = try tree.encode(all, at: "resume").text
        let sum = Checkpoint.checksum([common, exact], tree.tensors)
        try Safetensors.write(
            tree.tensors,
            metadata: [
                ("format", "workbench checkpoint"), ("version", String(Checkpoint.version)),
                (TensorTree.metadataKey, common), (Checkpoint.exactKey, exact), (Checkpoint.checksumKey, sum),
            ], to: path)
        return lost
    }

    /// What the state did not hold when it was saved, in words.
    package var left: [String] {
        guard case .character(let texts) = state[Checkpoint.leftKey] else { return [] }
        return texts.elements.prefix(1000).compactMap { $0.map { inOneLine($0.string) } }
    }

    /// `callbacks.2.best.f` as `best$f in state_dict() of the callback <mine>`.
    private func inWords(_ left: [String]) -> [String] {
        guard case .list(let classes) = state["classes"] else { return [] }
        return left.compactMap { path in
            let steps = path.split(separator: ".", omittingEmptySubsequences: false)
            guard steps.count >= 2, steps[0] == "callbacks", let number = Int(steps[1]),
                classes.elements.indices.contains(number - 1),
                case .character(let names) = classes[number - 1], let name = names.elements.first ?? nil
            else { return nil }
            let place = steps.dropFirst(2).joined(separator: "$")
            return (place.isEmpty ? "what state_dict() gives" : "\(place) in state_dict()")
                + " of the callback <\(name.string)>"
        }
    }

    /// Reads a file that ``write(to:)`` wrote, in this version or an earlier one.
    /// - Throws: `.data` for any other.
    package init(reading path: String) throws {
        let contents = try Safetensors.read(path)
        func text(_ key: String) -> String? { contents.metadata.first { $0.key == key }?.value }
        guard let common = text(TensorTree.metadataKey), text("format") == "workbench checkpoint" else {
            throw Checkpoint.noCheckpoint(path)
        }
        guard let version = text("version").flatMap({ Int($0) }), version >= 1 else {
            throw Checkpoint.noCheckpoint(path)
        }
        guard version <= Checkpoint.version else {
            throw WorkbenchError(
                .data,
                "'\(path)' is a checkpoint of version \(version), and this workbench reads up to version \(Checkpoint.version)",
                hint: "a newer workbench opens it")
        }
        // Files of earlier versions have none.
        if let sum = text(Checkpoint.checksumKey) {
            guard sum == Checkpoint.checksum([common, text(Checkpoint.exactKey) ?? ""], contents.tensors) else {
                throw WorkbenchError(
                    .data, "'\(path)' is damaged: its bytes are not those that were written",
                    hint: "take an earlier checkpoint, or remove it to begin anew")
            }
        }
        var tensors: [String: Tensor] = [:]
        for entry in contents.tensors { tensors[entry.name] = entry.tensor }
        func decoded(_ text: String?) throws -> Value {
            guard let text else { return .null }
            return try TensorTree.decode(try JSON(text)) { name in
                guard let tensor = tensors[name] else {
                    throw WorkbenchError(.data, "it has no tensor \"\(name)\"")
                }
                return tensor
            }
        }
        do {
            state = TrainingState(common: try decoded(common), exact: try decoded(text(Checkpoint.exactKey)))
            _ = try state.place()
            _ = try state.passStart()
        } catch let error as WorkbenchError where error.kind == .data {
            throw WorkbenchError(.data, "'\(path)' is a broken checkpoint: \(error.message)")
        }
        guard TrainingContext.element(value, "model") != nil else { throw Checkpoint.noCheckpoint(path) }
    }

    /// CRC-32 over descriptions, names and elements, in hexadecimal digits.
    private static func checksum(_ texts: [String], _ tensors: [(name: String, tensor: Tensor)]) -> String {
        var bytes: [UInt8] = texts.flatMap { Array($0.utf8) + [0 as UInt8] }
        for entry in tensors.ordered(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
            bytes += Array(entry.name.utf8)
            let sum = entry.tensor.withContiguousBytes { Checksum.of($0) }
            withUnsafeBytes(of: sum) { bytes.append(contentsOf: $0) }
        }
        return String(Checksum.of(bytes), radix: 16)
    }

    private static func noCheckpoint(_ path: String) -> WorkbenchError {
        WorkbenchError(
            .data, "'\(path)' is a safetensors file but no checkpoint",
            hint: "luz_callback_model_checkpoint() writes checkpoints")
    }

    // MARK: Going on

    /// Lets a fit that begins go on from here, with everything as it was.
    /// - Parameters:
    ///   - source: What messages call the checkpoint.
    ///   - anew: How to begin at epoch 1 instead.
    /// - Throws: where the fit has come further than it is asked to.
    package func resume(_ training: TrainingContext, _ source: String, anew: String) throws {
        let epoch = try state.place().epoch
        guard epoch <= training.maxEpochs || training.session.isAsPublished else {
            throw WorkbenchError(
                .value,
                "\(source) is of a fit in epoch \(epoch), and this one is to end after epoch \(training.maxEpochs)",
                hint: "epochs = \(epoch - training.epochsBefore) or more goes on; \(anew)")
        }
        if case .integer(let items) = state["valid_items"], let setAside = training.setAside {
            try setAside(items.elements.compactMap { $0.map { Int($0) } })
        }
        let state = state
        training.resumption = TrainingResumption(
            place: try state.place(), pending: try state.pending(training), passStart: try state.passStart(),
            beforePass: { try FieldStates.restoreData(state["fields"], "pass", $0) }
        ) { training in
            do {
                try state.restore(training)
            } catch var error as WorkbenchError where !training.session.isAsPublished {
                let unused = state.unusedTensors(in: training)
                // It has what the net has, and more: of another net it would lack something.
                let saved = TrainingContext.element(state.common, "model")?.namedItems.count ?? 0
                guard unused.isEmpty || saved - unused.count < training.model.stateDict().count else {
                    throw WorkbenchError(
                        .value,
                        "\(source) holds \(Checkpoint.short(unused)), which this net does not have: \(error.message)",
                        hint:
                            "a layer that a callback has added in an earlier epoch must be in the net from the beginning; \(anew)"
                    )
                }
                error.hint = error.hint ?? "\(source) may be of another fit; \(anew)"
                throw error
            }
            try FieldStates.restore(state["fields"], training, modules: true)
            guard !training.session.isAsPublished else { return }
            // Now that callbacks may have added what they add in this epoch.
            let unused = state.unusedTensors(in: training)
            if !unused.isEmpty {
                try training.session.message(
                    "not restored: \(Checkpoint.short(unused)), which this net does not have\n")
            }
        }
    }

    /// The first five names.
    private static func short(_ names: [String]) -> String {
        names.prefix(5).map { inOneLine($0, most: 80) }.joined(separator: ", ") + (names.count > 5 ? ", …" : "")
    }
}
