package io.h2conn.conformance;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.IncompleteExecutionException;

/** Gives a test of a codec its {@link CodecBench}, or its {@link Connector}, and closes what it has opened. */
final class CodecBenchExtension implements ParameterResolver, AfterEachCallback, TestExecutionExceptionHandler {
    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(CodecBenchExtension.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == CodecBench.class || type == Connector.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Connector.class ? connector(context) : bench(context);
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        if (failure instanceof IncompleteExecutionException || !(suite(context) instanceof CodecConformance<?>)) {
            throw failure;
        }
        Throwable sending = bench(context).sendFailure();
        Throwable first = sending == null ? failure : sending;
        AssertionError error = new AssertionError(
                first + " (to repeat: -Dh2conn.seed=" + bench(context).seed() + ")", first);
        if (sending != null) {
            error.addSuppressed(failure); // what the receiver made of it
        }
        throw error;
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        connector(context).close();
    }

    private static ConnectionConformance suite(ExtensionContext context) {
        return (ConnectionConformance) context.getRequiredTestInstance();
    }

    private static CodecBench<?> bench(ExtensionContext context) {
        return context.getStore(NAMESPACE)
                .getOrComputeIfAbsent(
                        CodecBench.class,
                        key -> new CodecBench<>((CodecConformance<?>) suite(context), connector(context)),
                        CodecBench.class);
    }

    private static Connector connector(ExtensionContext context) {
        return context.getStore(NAMESPACE)
                .getOrComputeIfAbsent(
                        Connector.class,
                        key -> new Connector(suite(context).supplier(), Side.CLIENT, suite(context).leaks),
                        Connector.class);
    }
}
