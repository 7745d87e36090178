import Glibc

#if arch(x86_64) || arch(i386)
    /// The widest hardware float: R sums in it.
    package typealias LongDouble = Float80
#else
    /// The widest hardware float: R sums in it.
    package typealias LongDouble = Double
#endif
