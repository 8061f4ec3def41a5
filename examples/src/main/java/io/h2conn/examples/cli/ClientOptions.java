package io.h2conn.examples.cli;

import io.h2conn.client.DuplexClient;
import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which server a client connects to. */
public final class ClientOptions {
    private URI uri = URI.create("http://127.0.0.1:8000/");

    @Option(names = "--insecure", description = "Accept any certificate. For tests only.")
    private boolean insecure;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8000/",
            description = "The server, " + "http or https. Default: ${DEFAULT-VALUE}")
    void setUrl(String url) {
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) {
            throw wrongUrl(url);
        }
        boolean http = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
        if (!http || uri.getHost() == null) {
            throw wrongUrl(url);
        }
    }

    private ParameterException wrongUrl(String url) {
        if (spec == null) {
            throw new IllegalStateException("not on a command line");
        }
        return new ParameterException(
                spec.commandLine(), "--url must look like http://127.0.0.1:8000/ or https://host/ but was " + url);
    }

    /**
     * The server.
     *
     * @return an absolute URI, http or https
     */
    public URI uri() {
        return uri;
    }

    /**
     * Makes a client.
     *
     * @return a client that trusts the certificates that Java trusts, or any
     */
    public DuplexClient client() {
        DuplexClient.Builder builder = DuplexClient.builder();
        return insecure ? builder.trustAll().build() : builder.build();
    }
}
