// Biome lints; these four rules need types, and an unawaited write is the worst bug here.
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["lib/cli/templates"] },
  {
    files: ["lib/**/*.ts", "functions/**/*.ts", "infra/**/*.ts", "test/**/*.ts", "bench/**/*.ts"],
    languageOptions: { parser: tseslint.parser, parserOptions: { project: ["tsconfig.json"] } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    plugins: { "@typescript-eslint": tseslint.plugin },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/return-await": ["error", "error-handling-correctness-only"],
    },
  },
);
