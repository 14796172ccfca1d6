import SheafCLI

await Program.run(QueueCommand.self)
