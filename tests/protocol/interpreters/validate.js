// Validates the definition, as CloudFormation renders it, with asl-validator.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const validate = require("asl-validator");

const SUBSTITUTES = { Partition: "aws", TopicArn: "arn:aws:sns:us-east-1:111122223333:alerts" };
const substitute = (name) => SUBSTITUTES[name] ?? `arn:aws:lambda:us-east-1:111122223333:function:${name}`;

const text = fs.readFileSync(path.join(__dirname, "../../../infra/case/case.asl.json"), "utf8");
const definition = JSON.parse(text.replace(/\$\{(\w+)\}/g, (_, name) => substitute(name)));

/** What the validator says against a definition; nothing where it accepts it. */
function problems(it) {
  const { isValid, errors } = validate(it, {});
  return isValid ? [] : errors.map((error) => `${error["Error code"]}: ${error.Message}`);
}

// It must reject a definition that is broken.
const broken = structuredClone(definition);
broken.States["Finish case"].Next = "nowhere";
if (problems(broken).length === 0) throw new Error("asl-validator accepts a Succeed state with Next");
const found = problems(definition);
for (const problem of found) console.error(problem);
process.exitCode = found.length > 0 ? 1 : 0;
