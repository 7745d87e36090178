import Diagnostics
import PluginAPI
import Tensors

/// `torch_set_num_threads()` and `torch_get_num_threads()`.
func registerThreads(_ torch: Namespace) {
    for name in ["torch_set_num_threads", "torch_set_num_interop_threads"] {
        torch.function(
            name, [.value("num_threads", help: "1 … 256")], help: "Threads that computations use", visible: false
        ) { args in
            let count = try args.int("num_threads")
            guard count >= 1 else {
                throw WorkbenchError(.value, "expected positive number of threads, but got \(count)")
            }
            if name == "torch_set_num_threads" { Threads.setCount(count) }
            return .null
        }
    }
    torch.function("torch_get_num_threads", [], help: "Threads that computations use") { _ in .int(Threads.count) }
    torch.function("torch_get_num_interop_threads", [], help: "Computations at the same time") { _ in .int(1) }
}
