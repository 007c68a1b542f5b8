import Greeting

print(greeting(to: CommandLine.arguments.dropFirst().first ?? "jail"))
