import Diagnostics

/// A moment of a fit at which its state is whole: between two batches, or at the end of an epoch.
public struct TrainingPlace: Equatable, Sendable {
    /// Epoch, from 1.
    public var epoch: Int
    /// The event that ended the last piece of work: `trainBatchEnd`, `validBatchEnd` or `epochEnd`.
    public var event: TrainingEvent
    /// Batches done in the phase.
    public var batch: Int
    /// Batches of the phase, nil if not known.
    public var batches: Int?
    /// How many of the callbacks have been told the event.
    public var told: Int

    /// The end of an epoch.
    public static func end(ofEpoch epoch: Int, told: Int) -> TrainingPlace {
        TrainingPlace(epoch: epoch, event: .epochEnd, batch: 0, batches: nil, told: told)
    }

    /// A place.
    public init(epoch: Int, event: TrainingEvent, batch: Int, batches: Int?, told: Int) {
        (self.epoch, self.event, self.batch, self.batches, self.told) = (epoch, event, batch, batches, told)
    }

    /// Where a fit is now; nil where its state is not whole.
    public init?(_ training: TrainingContext) {
        let told = training.telling ?? (training.lastEvent, training.callbacks.count)
        guard [.trainBatchEnd, .validBatchEnd, .epochEnd].contains(told.event), training.epoch > 0 else { return nil }
        self.init(
            epoch: training.epoch, event: told.event, batch: told.event == .epochEnd ? 0 : training.iteration,
            batches: told.event == .epochEnd ? nil : training.iterations, told: told.told)
    }

    /// As lists in files.
    var value: Value {
        .named([
            ("epoch", .int(epoch)), ("event", .string(event.rawValue)), ("batch", .int(batch)),
            ("batches", batches.map { .int($0) } ?? .null), ("told", .int(told)),
        ])
    }

    /// From a file.
    /// - Throws: `.data` for what is none.
    init(_ value: Value) throws {
        func number(_ name: String) -> Int? {
            (try? TrainingContext.element(value, name)?.asDoubles().elements.first).flatMap { Int(exactly: $0) }
        }
        let counts = 0...(1 << 52)
        guard let epoch = number("epoch"), let batch = number("batch"), let told = number("told"),
            counts.contains(epoch), counts.contains(batch), counts.contains(told),
            case .character(let text)? = TrainingContext.element(value, "event"),
            let name = text.elements.first??.string, let event = TrainingEvent(rawValue: name),
            [.trainBatchEnd, .validBatchEnd, .epochEnd].contains(event)
        else { throw WorkbenchError(.data, "it does not say where the fit was") }
        self.init(epoch: epoch, event: event, batch: batch, batches: number("batches"), told: told)
    }

    /// What comes next: "epoch 3, batch 412".
    public var next: String {
        let isLast = batches.map { batch >= $0 } ?? false
        switch event {
        case .trainBatchEnd: return "epoch \(epoch), " + (isLast ? "after its last batch" : "batch \(batch + 1)")
        case .validBatchEnd:
            return "epoch \(epoch), " + (isLast ? "after its validation" : "batch \(batch + 1) of the validation")
        default: return "epoch \(epoch + 1)"
        }
    }
}
