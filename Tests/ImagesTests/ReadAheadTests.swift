import Diagnostics
import Glibc
import Synchronization
import Testing

@testable import Images

@Suite struct ReadAheadTests {
    @Test(arguments: [1, 2, 7]) func itemsComeInOrder(_ threads: Int) throws {
        let ahead = ReadAhead(count: 500, threads: threads, ahead: 5) { index in
            if index % 3 == 0 { usleep(UInt32(index % 7) * 50) }
            return index * index
        }
        for index in 0..<500 { #expect(try ahead.next() == index * index) }
        #expect(try ahead.next() == nil)
        #expect(try ahead.next() == nil)
    }

    @Test func neverFurtherAheadThanAsked() throws {
        final class Counter: Sendable { let value = Atomic<Int>(0) }
        let started = Counter()
        let ahead = ReadAhead(count: 1000, threads: 4, ahead: 6) { index in
            started.value.add(1, ordering: .relaxed)
            return index
        }
        for index in 0..<200 {
            #expect(try ahead.next() == index)
            #expect(started.value.load(ordering: .relaxed) <= index + 1 + 6)
        }
        ahead.cancel()
        #expect(try ahead.next() == nil)
        #expect(started.value.load(ordering: .relaxed) <= 206)
    }

    @Test func errorsComeAtTheirPlace() throws {
        struct Bad: Error, Equatable { let index: Int }
        let ahead = ReadAhead(count: 6, threads: 3, ahead: 4) { index in
            if index == 2 || index == 3 { throw Bad(index: index) }
            return index
        }
        #expect(try ahead.next() == 0)
        #expect(try ahead.next() == 1)
        #expect(throws: Bad(index: 2)) { try ahead.next() }
        #expect(throws: Bad(index: 3)) { try ahead.next() }
        #expect(try ahead.next() == 4)
        #expect(try ahead.next() == 5)
        #expect(try ahead.next() == nil)
    }

    @Test func waitingCanBeInterrupted() throws {
        struct Stop: Error {}
        final class Gate: Sendable { let isOpen = Atomic<Bool>(false) }
        let gate = Gate()
        let ahead = ReadAhead(count: 1, threads: 1, ahead: 1) { index in
            while !gate.isOpen.load(ordering: .acquiring) { usleep(1000) }
            return index
        }
        #expect(throws: Stop.self) { try ahead.next(whileWaiting: { throw Stop() }) }
        gate.isOpen.store(true, ordering: .releasing)
        #expect(try ahead.next() == 0)
    }

    @Test func imagesOfFiles() throws {
        let good = fixture("baseline.jpg")
        let paths = (0..<40).map { $0 == 17 ? "/nowhere/x.JPEG" : $0 % 2 == 0 ? good : fixture("gray.jpg") }
        let ahead = ImageReadAhead(paths: paths, options: DecodingOptions(channels: .rgb), threads: 2, ahead: 8)
        let colour = try decodeImage(path: good)
        for index in 0..<40 {
            if index == 17 {
                let error = #expect(throws: WorkbenchError.self) { try ahead.next() }
                #expect(error?.message == "cannot open '/nowhere/x.JPEG': no such file")
            } else {
                let image = try #require(try ahead.next())
                #expect(image.channels == 3 && (image == colour) == (index % 2 == 0))
            }
        }
        #expect(ahead.waitedSeconds >= 0)
    }

    @Test func nothingToRead() throws {
        #expect(try ReadAhead(count: 0, threads: 3, ahead: 0) { $0 }.next() == nil)
        #expect(try ReadAhead(count: 2, threads: 0, ahead: 0) { $0 }.next() == 0)
    }
}
