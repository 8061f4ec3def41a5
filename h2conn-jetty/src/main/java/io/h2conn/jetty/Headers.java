package io.h2conn.jetty;

import java.net.http.HttpHeaders;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;

/** Translates between Jetty's headers and the JDK's. */
public final class Headers {
    /** No headers. */
    public static final HttpHeaders EMPTY = HttpHeaders.of(Map.of(), (name, value) -> true);

    private Headers() {}

    /**
     * Jetty's headers as the JDK's.
     *
     * @param fields the headers
     * @return the same without pseudo-header fields, names in lower case
     */
    public static HttpHeaders of(HttpFields fields) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (HttpField field : fields) {
            String name = field.getLowerCaseName();
            if (!name.isEmpty() && name.charAt(0) != ':') {
                String value = field.getValue();
                values.computeIfAbsent(name, unused -> new ArrayList<>(1)).add(value == null ? "" : value);
            }
        }
        return values.isEmpty() ? EMPTY : HttpHeaders.of(values, (name, value) -> true);
    }

    /**
     * The JDK's headers as Jetty's.
     *
     * @param headers the headers
     * @return the same, names in lower case as HTTP/2 wants them (RFC 9113, section 8.2.1)
     */
    public static HttpFields toFields(HttpHeaders headers) {
        HttpFields.Mutable fields = HttpFields.build();
        headers.map().forEach((name, values) -> {
            for (String value : values) {
                fields.add(name.toLowerCase(Locale.ROOT), value);
            }
        });
        return fields.asImmutable();
    }
}
