import PluginAPI
import TensorCalls
import Tensors

/// `$zero_()`, `$fill_()`, `$copy_()`.
func registerInPlace(_ table: TensorFunctionTable) {
    table.method("zero_", [.value("self")], help: "Sets all numbers to 0") { args in
        _ = try args.tensor("self").zero_()
        return args[0]
    }
    table.method("fill_", [.value("self"), .value("value")], help: "Sets all numbers to one value") { args in
        _ = try args.tensor("self").fill_(try args.scalar("value"))
        return args[0]
    }
    table.method(
        "copy_", [.value("self"), .value("src"), .value("non_blocking", false)],
        help: "Sets the numbers to those of another tensor"
    ) { args in
        _ = try args.tensor("self").copy_(try args.tensor("src"))
        return args[0]
    }
    table.method("set_data", [.value("self"), .value("new_data")], help: "Lets the tensor stand for other elements") {
        args in
        try args.tensor("self").setData(args.tensor("new_data"))
        return args[0]
    }
}
