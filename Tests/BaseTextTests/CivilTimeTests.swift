import Testing

@testable import BaseFormatting

/// The calendar behind `format.Date` and `format.POSIXct`.
@Suite struct CivilTimeTests {
    @Test func daysAndDatesAgree() {
        for day in stride(from: -800_000, through: 800_000, by: 97) {
            let time = CivilTime(days: Double(day))
            #expect(time?.days == day)
        }
    }

    @Test(arguments: [
        (19787.0, "2024-03-05 Tuesday 065 10 2024-W10"), (0.0, "1970-01-01 Thursday 001 00 1970-W01"),
        (18628.0, "2021-01-01 Friday 001 00 2020-W53"), (-1.0, "1969-12-31 Wednesday 365 52 1970-W01"),
    ])
    func formats(_ day: Double, _ expected: String) {
        #expect(CivilTime(days: day)?.formatted("%Y-%m-%d %A %j %W %G-W%V") == expected)
    }

    @Test func outOfRangeIsNil() {
        #expect(CivilTime(days: .nan) == nil)
        #expect(CivilTime(days: 1e300) == nil)
        #expect(CivilTime(seconds: .infinity, zone: "UTC") == nil)
    }
}
