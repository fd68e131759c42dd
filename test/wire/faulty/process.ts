import { serveFunctions } from "../../support/aws/function-process.ts";
import { faulty, handlers } from "./workflow.ts";

serveFunctions({ workflow: faulty, handlers });
