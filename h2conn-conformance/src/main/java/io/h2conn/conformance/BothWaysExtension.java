package io.h2conn.conformance;

import io.h2conn.DuplexConnection;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;

/** Runs a {@link BothWays} test with each end as the near one, and closes its pairs afterwards. */
final class BothWaysExtension implements TestTemplateInvocationContextProvider {
    private static final int DEFAULT_ROUNDS = 3;

    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return true;
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        boolean repeated =
                context.getRequiredTestMethod().getAnnotation(BothWays.class).repeated();
        int rounds = repeated ? Integer.getInteger("h2conn.rounds", DEFAULT_ROUNDS) : 1;
        return IntStream.rangeClosed(1, rounds)
                .boxed()
                .flatMap(round -> Stream.of(Side.values())
                        .map(near -> new Invocation(near, repeated ? near + ", round " + round : near.toString())));
    }

    private record Invocation(Side near, String name) implements TestTemplateInvocationContext {
        @Override
        public String getDisplayName(int index) {
            return name;
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(new Parameters(near));
        }
    }

    private static final class Parameters implements ParameterResolver, AfterEachCallback {
        private static final ExtensionContext.Namespace NAMESPACE =
                ExtensionContext.Namespace.create(BothWaysExtension.class);

        private final Side near;

        Parameters(Side near) {
            this.near = near;
        }

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            Class<?> type = parameter.getParameter().getType();
            return type == DuplexConnection.class || type == Connector.class || type == Scale.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            Connector connector = connector(context);
            Class<?> type = parameter.getParameter().getType();
            if (type == Connector.class) {
                return connector;
            }
            if (type == Scale.class) {
                return connector.scale();
            }
            Connector.Ends ends = connector.first();
            return parameter.getIndex() == 0 ? ends.near() : ends.far();
        }

        @Override
        public void afterEach(ExtensionContext context) throws Exception {
            connector(context).close();
        }

        private Connector connector(ExtensionContext context) {
            ConnectionConformance suite = (ConnectionConformance) context.getRequiredTestInstance();
            return context.getStore(NAMESPACE)
                    .getOrComputeIfAbsent(
                            Connector.class,
                            key -> new Connector(suite.supplier(), near, suite.leaks),
                            Connector.class);
        }
    }
}
