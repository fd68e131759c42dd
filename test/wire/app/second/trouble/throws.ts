export { handler } from "../../first/trouble/throws.ts";
