import PluginAPI
import Session
import Tensors
import TestSupport
import Testing

/// What is tried of a plug-in in Swift that gives no trial: the arguments are guessed, and a wrong guess is no refusal.
@Suite struct GuessedTrialTests {
    /// Moves by the gradient times a setting.
    private final class Plain: Optimizer, @unchecked Sendable {
        let setting: String

        init(_ name: String, _ setting: String, _ args: Arguments) throws {
            self.setting = setting
            try super.init(name, try args.required("params"), defaults: [(setting, try args.required(setting))])
        }

        override func update(
            _ parameter: Tensor, gradient: Tensor, state: State, in group: ParameterGroup
        ) throws {
            _ = try parameter.sub_(gradient.mul(Tensor(scalar: .double(try group.number(setting)))))
        }
    }

    private enum Guessed: Plugin {
        static let name = "guessed"

        static func register(in registry: Registry) {
            let guessed = registry.namespace("guessed")
            guessed.optimizer("optim_plain", [.value("params"), .value("lr")]) { args in
                try Plain("optim_plain", "lr", args)
            }
            guessed.optimizer("optim_pace", [.value("params"), .value("pace")]) { args in
                try Plain("optim_pace", "pace", args)
            }
        }
    }

    @Test func `an optimizer with a required rate is tried with a small one, and what only a guess fails is said`()
        throws
    {
        let session = makeSession(with: optionalPlugins + [Guessed.self], capturing: CapturedOutput())
        let outcomes = try session.onDeepStack {
            Result {
                for name in ["torch", "luz", "guessed"] { _ = session.context.attach(name) }
                return try Checks(session.context).registrations(of: "guessed")
            }
        }.get()
        let lines = outcomes.map { outcome -> String in
            switch outcome {
            case .passed(let report): return report.text
            case .untried(let name, let reason): return "\(name): \(reason)"
            }
        }
        try #require(lines.count == 2)
        #expect(lines[0].hasPrefix("optim_plain(params, lr = 0.01): a sum of squares goes from 10 to "), "\(lines[0])")
        #expect(
            lines[1]
                == "optim_pace: with guessed arguments, optim_pace(params, pace = 8): 30 steps bring a sum of squares from 10 to inf: it must go down",
            "\(lines[1])")
    }
}
