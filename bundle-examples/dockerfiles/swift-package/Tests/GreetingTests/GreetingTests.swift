import Greeting
import XCTest

final class GreetingTests: XCTestCase {
    func testGreets() {
        XCTAssertEqual(greeting(to: "jail"), "Hello, jail!")
    }
}
