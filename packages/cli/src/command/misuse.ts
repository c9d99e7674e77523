import { type ApplicationText, ArgumentScannerError, formatMessageForArgumentScannerError, text_en } from '@stricli/core';
import { flagName } from './flag.ts';

/** Collects what the parser has to say about a wrong call, for one error in the form of all others. */
export class Misuse {
  /** What is wrong with the arguments, one entry each. */
  readonly messages: string[] = [];
  /** What the parser threw that has nothing to do with the arguments. */
  readonly failures: unknown[] = [];
  /** The parser's texts; those about errors are collected here. */
  readonly text: ApplicationText;

  constructor() {
    const note = (message: string): string => {
      this.messages.push(message);
      return message;
    };
    const fault = (error: unknown): string => {
      this.failures.push(error);
      return String(error);
    };
    this.text = {
      ...text_en,
      noCommandRegisteredForInput: ({ input, corrections }) =>
        note(
          input.startsWith('-')
            ? `${input} stands before the command; flags follow it: polyshift up ${input}`
            : `there is no command "${input}"${corrections.length > 0 ? `; did you mean ${corrections.join(' or ')}?` : ''}`,
        ),
      exceptionWhileParsingArguments: (error) =>
        error instanceof ArgumentScannerError ? note(argumentMessage(error)) : fault(error),
      exceptionWhileLoadingCommandFunction: fault,
      exceptionWhileLoadingCommandContext: fault,
      exceptionWhileRunningCommand: fault,
      commandErrorResult: fault,
      exceptionWhileRunningIntegrationHook: ({ exception }) => fault(exception),
      exceptionWhileRunningIntegrationFlag: ({ exception }) => fault(exception),
    };
  }
}

function argumentMessage(error: ArgumentScannerError): string {
  return formatMessageForArgumentScannerError(error, {
    ArgumentParseError: ({ exception, input }) => `${exception instanceof Error ? exception.message : exception}, not "${input}"`,
    FlagNotFoundError: ({ input, corrections }) =>
      `there is no flag ${flag(input)}${corrections.length > 0 ? `; did you mean ${corrections.map((name) => flag(flagName(name))).join(' or ')}?` : ''}`,
    AliasNotFoundError: ({ input }) => `there is no flag -${input}`,
    EnumValidationError: ({ externalFlagName, input, values }) =>
      `--${externalFlagName} takes ${values.join(', ')}, not "${input}"`,
    UnsatisfiedFlagError: ({ externalFlagName }) => `--${externalFlagName} needs a value`,
    UnexpectedFlagError: ({ externalFlagName }) => `--${externalFlagName} stands there twice`,
    UnexpectedPositionalError: ({ input }) => `"${input}" is one argument too many`,
    UnsatisfiedPositionalError: ({ placeholder }) => `${placeholder} is missing`,
  });
}

function flag(name: string): string {
  return name.startsWith('-') ? name : `--${name}`;
}
