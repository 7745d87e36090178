import Diagnostics
import PluginAPI
import Tensors

/// Says once in a fit when it takes more than 80 % of the memory that the process may have (the machine's, the
/// container's, `ulimit -v`): where that is certain, before its first batch, else after one of the first two.
struct MemoryWatch {
    private var batchesLeft = 2

    /// Before the first batch: what is there and the gradients to come. What the layers keep for the gradients, and what
    /// the optimizer keeps, come on top: nobody knows them yet.
    mutating func fitBegins(_ training: TrainingContext) throws {
        guard !training.session.isAsPublished else { return batchesLeft = 0 }
        var memory = MemoryDoor.tightest()
        for parameter in training.model.namedParameters() where parameter.tensor.requiresGrad {
            memory.used += parameter.tensor.count * parameter.tensor.dtype.byteCount
        }
        try say(memory, training) { "This fit needs at least \($0), before its layers keep anything." }
    }

    /// The first batch makes what the optimizer keeps, the second has everything at once.
    mutating func batchEnds(_ training: TrainingContext) throws {
        guard batchesLeft > 0 else { return }
        batchesLeft -= 1
        try say(MemoryDoor.tightest(), training) { "This fit takes \($0); a smaller batch takes less." }
    }

    private mutating func say(
        _ memory: (used: Int, limit: Int), _ training: TrainingContext, _ text: (String) -> String
    ) throws {
        guard Double(memory.used) > 0.8 * Double(memory.limit) else { return }
        batchesLeft = 0
        try training.session.message(text(FitPlan.memory(memory) + ", over 80 %") + "\n")
    }
}
