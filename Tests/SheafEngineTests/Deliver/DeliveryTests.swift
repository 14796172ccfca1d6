import SheafCore
import SheafTesting
import Testing

@testable import SheafEngine

@Suite("Delivery attempts")
struct DeliveryTests {
    @Test("Attempt numbers are clamped at the maximum", arguments: [Int.max - 1, .max])
    func highestAttempts(number: Int) throws {
        let samples = Samples()
        let notification = UserNotification(
            id: samples.notificationID(), recipient: 1, type: 1, content: Samples.content, eventCount: 1,
            createdAt: samples.start, attempts: number)
        let delivery = Delivery(
            notification: notification, outcome: .failed(httpStatus: 503, error: "busy", after: nil), attempt: number,
            retry: RetryPolicy(maxAttempts: .max, base: .seconds(1), cap: .seconds(300)))
        let record = delivery.record(at: samples.start)
        #expect(record.attempt.number == .max && record.tries == number)
        #expect(delivery.result == (number == .max ? .failed : .retry))
        if let next = delivery.next { #expect(next.attempt == number && next.delay <= .seconds(300)) }
    }
}
