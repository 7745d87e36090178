import Diagnostics
import PluginAPI

/// The open devices of a session, numbered from 2 as in R (1 is the null device).
package final class DeviceList {
    package private(set) var devices: [Int: Device] = [:]
    /// Number of the current device; 1 if none is open.
    package private(set) var current = 1

    /// Opens a device and makes it the current one.
    package func open(_ device: Device) throws {
        guard let number = (2...63).first(where: { devices[$0] == nil }) else {
            throw WorkbenchError(.runtime, "too many open devices")
        }
        devices[number] = device
        current = number
    }

    /// The current device; without one the session's own is opened.
    package func currentDevice() throws -> Device {
        if let device = devices[current] { return device }
        let format = PageFormat(kind: .png, width: 700, height: 450, scale: 2)
        let device = Device("plot", .session, format)
        try open(device)
        return device
    }

    /// Numbers of open devices in order.
    package var numbers: [Int] { devices.keys.ordered(by: <) }

    /// The device after a number, going round; 1 if none is open.
    package func after(_ number: Int) -> Int { numbers.first { $0 > number } ?? numbers.first ?? 1 }

    /// The device before a number, going round; 1 if none is open.
    package func before(_ number: Int) -> Int { numbers.last { $0 < number } ?? numbers.last ?? 1 }

    /// Makes a device current, or the next open one if there is none of that number.
    package func select(_ number: Int) { current = devices[number] == nil ? after(number) : number }

    /// Closes a device; the next one becomes current.
    package func close(_ number: Int, _ context: Context) throws {
        guard let device = devices.removeValue(forKey: number) else { return }
        if current == number { current = after(number) }
        try device.close(context)
    }

    /// Writes what the session's device has drawn since it was last written.
    package func flush(_ context: Context) throws { for number in numbers { try devices[number]?.flush(context) } }

    /// Shows a figure on the current device.
    package func show(_ figure: Figure, _ context: Context) throws { try currentDevice().show(figure, context) }
}

extension Context {
    /// This session's devices.
    package var devices: DeviceList { storage(DeviceList.self) { DeviceList() } }
}
