import Tensors

extension Module {
    /// Computes the longest run of modules at the front of `modules` that can be computed together.
    ///
    /// - Parameter most: Modules that it may cover; those behind are only looked at.
    /// - Returns: Its value and how many modules it covers; nil where each goes its own way: a module says
    ///   nothing of itself (``stage``), no fusion knows the run, or `options(workbench.fusion = FALSE)`.
    /// - Throws: ``WorkbenchError`` of kind `.memory`.
    public static func fusedRun(
        _ modules: some Collection<Module>, atMost most: Int = Fusions.longest, on x: Tensor
    ) throws -> (value: Tensor, count: Int)? {
        var stages: [any Stage] = []
        for module in modules.prefix(Fusions.longest) {
            guard let stage = module.stage else { break }
            stages.append(stage)
        }
        return try Fusions.run(stages, atMost: most, on: x)
    }
}
