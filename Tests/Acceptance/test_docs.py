"""The documentation of the modules can be made, and no link of it leads nowhere."""

import json
import os
import shutil
import subprocess
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ARCHIVE = os.path.join(ROOT, ".build/docs/SheafCore.doccarchive")


class DocumentationTests(unittest.TestCase):
    @unittest.skipUnless(shutil.which("swift"), "there is no Swift here")
    def test_docc_makes_the_pages_and_the_tutorial(self):
        made = subprocess.run([os.path.join(ROOT, "scripts/build-docs.sh"), "SheafCore"], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        self.assertEqual(made.returncode, 0, made.stdout[-3000:])
        with open(os.path.join(ARCHIVE, "data/documentation/sheafcore.json"), encoding="utf-8") as file:
            page = json.load(file)
        self.assertIn("Adding a type of notification", [t["title"] for t in page["topicSections"]])
        tutorial = os.path.join(ARCHIVE, "data/tutorials/sheafcore/your-own-notification-type.json")
        with open(tutorial, encoding="utf-8") as file:
            shown = json.load(file)["references"]
        # What is shown is what TutorialTests builds and runs.
        resources = os.path.join(ROOT, "Sources/SheafCore/SheafCore.docc/Resources")
        for name in os.listdir(resources):
            with self.subTest(file=name), open(os.path.join(resources, name), encoding="utf-8") as file:
                self.assertEqual("\n".join(shown[name]["content"]).strip(), file.read().strip())
