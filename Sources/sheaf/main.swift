import SheafCLI

await Program.run(SheafCommand.self)
