package io.h2conn.conformance;

/**
 * The contract of {@link io.h2conn.DuplexConnection}, a test a sentence, over one transport. Each runs with the client
 * and with the server as the near end.
 *
 * <pre>{@code
 * class PipeContractTest extends ContractConformance {
 *     @Override
 *     protected ConnectionSupplier start() {
 *         return options -> DuplexConnection.pair(64 * 1024, options);
 *     }
 * }
 * }</pre>
 */
public abstract class ContractConformance extends ConnectionConformance
        implements ReadContract,
                WriteContract,
                ContiguityContract,
                EndContract,
                CloseContract,
                FailureContract,
                DeadlineContract,
                InterruptContract,
                StreamContract,
                AsyncReadContract,
                AsyncWriteContract,
                ListenContract,
                ExecutorContract,
                FactsContract {
    /** For subclasses. */
    protected ContractConformance() {}
}
