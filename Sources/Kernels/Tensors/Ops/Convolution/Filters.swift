import CKernels

extension KernelFilters {
    func from(filter k: Int = 0, channel c: Int = 0) -> KernelFilters {
        var part = self
        part.at += k * filter + c * channel
        return part
    }
}

extension Tensor {
    /// Filters `[K, C, R, S]` as the kernels take them; contiguous or channels-last.
    var filters: KernelFilters {
        // The stride of a side of one says nothing.
        KernelFilters(
            at: typed(Float.self), filter: strides[0], channel: strides[1],
            tap: shape[3] > 1 ? strides[3] : strides[2])
    }

    /// Filters contiguous or channels-last, as algorithms take them; themselves if they are.
    func ordered() throws -> Tensor { isContiguous ? self : try channelsLast() }
}
