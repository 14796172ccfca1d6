import SheafCLI

await Program.run(DatabusCommand.self)
