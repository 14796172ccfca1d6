import SheafCLI

await Program.run(ServiceCommand.self)
