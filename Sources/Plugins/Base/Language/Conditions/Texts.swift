import Diagnostics
import RRuntime

/// `gettext`, `ngettext`, `gettextf`: there is one language, English.
func registerTexts(_ base: Namespace) {
    base.function("gettext", [.dots, .value("domain", nil), .value("trim", true)], help: "Its strings") { args in
        .character(Vector(try args.dotValues.flatMap { try args.context.asCharacters($0).elements }))
    }
    base.function(
        "ngettext", [.value("n"), .value("msg1"), .value("msg2"), .value("domain", nil)],
        help: "One of two texts: for one thing, or for several"
    ) { args in
        let count = try args.int("n")
        if count < 0 { throw WorkbenchError(.value, "invalid 'n' argument") }
        return try args.required(count == 1 ? "msg1" : "msg2")
    }
    base.function(
        "gettextf", [.value("fmt"), .dots, .value("domain", nil), .value("trim", true)], help: "sprintf()"
    ) { args in
        try args.context.call(
            "sprintf", [Argument(try args.required("fmt"))] + args.dots, environment: args.environment)
    }
}
