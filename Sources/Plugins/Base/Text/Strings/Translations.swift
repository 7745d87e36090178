import Diagnostics
import PluginAPI

/// Registers `gettext`, `gettextf`, `ngettext`: texts are not translated, R's program texts are English.
func registerTranslations(_ base: Namespace) {
    base.function(
        "gettext", [.dots, .value("domain", nil), .value("trim", true)], help: "Texts, as they are."
    ) { args in
        .character(Vector(try args.dots.flatMap { try args.context.asCharacters($0.value).elements }))
    }
    base.function(
        "gettextf", [.value("fmt"), .dots, .value("domain", nil), .value("trim", true)],
        help: "Texts put together by sprintf."
    ) { args in
        try args.context.call(
            "sprintf", [Argument(try args.required("fmt"))] + args.dots, environment: args.environment)
    }
    base.function(
        "ngettext", [.value("n"), .value("msg1"), .value("msg2"), .value("domain", nil)],
        help: "The first text for one, the second for any other number."
    ) { args in
        let count = try args.number("n")
        guard count >= 0 else { throw args.invalid("n") }
        return .string(try args.string(count == 1 ? "msg1" : "msg2"))
    }
}
