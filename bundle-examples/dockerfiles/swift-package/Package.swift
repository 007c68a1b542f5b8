// swift-tools-version:5.9
import PackageDescription

let package = Package(
    name: "greeting",
    targets: [
        .target(name: "Greeting"),
        .executableTarget(name: "greet", dependencies: ["Greeting"], path: "Sources/Main"),
        .testTarget(name: "GreetingTests", dependencies: ["Greeting"]),
    ]
)
