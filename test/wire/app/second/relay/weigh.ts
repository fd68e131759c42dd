export { handler } from "../../first/relay/weigh.ts";
