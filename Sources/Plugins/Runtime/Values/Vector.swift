/// Elements with R attributes; a value: copies are independent, and a copy is made only when a shared one is written.
@frozen
public struct Vector<Element> {
    /// The elements.
    public var elements: [Element]
    /// Attributes, or nil for none.
    public var attributes: Attributes?

    /// Makes a vector.
    @inlinable public init(_ elements: [Element], _ attributes: Attributes? = nil) {
        self.elements = elements
        self.attributes = attributes
    }

    /// Number of elements.
    @inlinable public var count: Int { elements.count }
    /// No elements.
    @inlinable public var isEmpty: Bool { elements.isEmpty }

    /// The element at a position counted from 0.
    @inlinable public subscript(index: Int) -> Element {
        get { elements[index] }
        set { elements[index] = newValue }
    }

    /// Element-wise image with the same attributes.
    @inlinable public func map<Other>(_ transform: (Element) throws -> Other) rethrows -> Vector<Other> {
        Vector<Other>(try elements.map(transform), attributes)
    }
}

/// R's logical elements: nil is NA.
public typealias LogicalVector = Vector<Bool?>
/// R's integer elements, 32 bit: nil is NA.
public typealias IntegerVector = Vector<Int32?>
/// R's double elements: ``Swift/Double/na`` is NA.
public typealias DoubleVector = Vector<Double>
/// R's complex elements.
public typealias ComplexVector = Vector<Complex>
/// R's strings: nil is NA.
public typealias CharacterVector = Vector<Text?>
/// R's raw bytes.
public typealias RawVector = Vector<UInt8>
/// Elements of any kind.
public typealias ListVector = Vector<Value>

/// A complex number in Cartesian form.
@frozen
public struct Complex: Hashable, Sendable {
    /// Real part.
    public var real: Double
    /// Imaginary part.
    public var imaginary: Double

    /// Makes a number.
    @inlinable public init(_ real: Double, _ imaginary: Double) {
        self.real = real
        self.imaginary = imaginary
    }

    /// R's `NA_complex_`: both parts NA.
    public static var na: Complex { Complex(.na, .na) }
    /// Either part is NA.
    public var isNA: Bool { real.isNA || imaginary.isNA }
}

extension Double {
    /// R's `NA_real_`: a NaN whose low word is 1954.
    public static var na: Double { Double(bitPattern: 0x7FF0_0000_0000_07A2) }

    /// NA, as opposed to an ordinary NaN.
    @inlinable public var isNA: Bool { isNaN && UInt32(truncatingIfNeeded: bitPattern) == 1954 }
}
