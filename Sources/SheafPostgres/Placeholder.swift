import SheafCore
