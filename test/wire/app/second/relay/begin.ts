export { handler } from "../../first/relay/begin.ts";
