import Tensors

extension Context {
    /// Threads that computations use, from 1 to 256; by default one for each core that the process may use. Other values are brought into that range.
    public var computingThreads: Int {
        get { Threads.count }
        set { Threads.setCount(newValue) }
    }
}
