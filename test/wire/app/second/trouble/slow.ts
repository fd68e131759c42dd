export { handler } from "../../first/trouble/slow.ts";
