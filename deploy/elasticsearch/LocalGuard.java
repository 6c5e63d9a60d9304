import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.elasticsearch.common.network.NetworkService;
import org.elasticsearch.common.settings.ClusterSettings;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.util.BigArrays;
import org.elasticsearch.common.util.PageCacheRecycler;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.http.HttpPreRequest;
import org.elasticsearch.http.HttpRouteStats;
import org.elasticsearch.http.HttpServerTransport;
import org.elasticsearch.http.HttpServerTransport.Dispatcher;
import org.elasticsearch.indices.breaker.CircuitBreakerService;
import org.elasticsearch.rest.RestChannel;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.telemetry.TelemetryProvider;
import org.elasticsearch.threadpool.ThreadPool;
import org.elasticsearch.transport.netty4.Netty4Plugin;
import org.elasticsearch.xcontent.NamedXContentRegistry;
import org.elasticsearch.xcontent.XContentFactory;

/**
 * The stock HTTP transport with a doorman: what a web page can make a browser send is refused with 403 before any
 * handler sees it. A node on loopback has no passwords, and every browser of the machine can reach it.
 *
 * A page whose name resolves to 127.0.0.1 (DNS rebinding) comes with that name as Host; one that posts across origins
 * comes with Origin, and with Sec-Fetch-Site, as do its images and scripts. Programs send neither.
 */
public class LocalGuard extends Netty4Plugin {

    @Override
    public Map<String, Supplier<HttpServerTransport>> getHttpTransports(
        Settings settings, ThreadPool threads, BigArrays arrays, PageCacheRecycler pages, CircuitBreakerService breakers,
        NamedXContentRegistry content, NetworkService network, Dispatcher dispatcher,
        BiConsumer<HttpPreRequest, ThreadContext> context, ClusterSettings cluster, TelemetryProvider telemetry) {
        return super.getHttpTransports(settings, threads, arrays, pages, breakers, content, network,
            new Guarded(dispatcher), context, cluster, telemetry);
    }

    private record Guarded(Dispatcher next) implements Dispatcher {
        @Override
        public void dispatchRequest(RestRequest request, RestChannel channel, ThreadContext context) {
            var fault = fault(request);
            if (fault == null) {
                next.dispatchRequest(request, channel, context);
            } else {
                channel.sendResponse(refusal(fault));
            }
        }

        /** What could not be parsed: it reaches no handler, the answer is an error. */
        @Override
        public void dispatchBadRequest(RestChannel channel, ThreadContext context, Throwable cause) {
            next.dispatchBadRequest(channel, context, cause);
        }

        @Override
        public Map<String, HttpRouteStats> getStats() {
            return next.getStats();
        }
    }

    /** Why the request is refused, or null. */
    private static String fault(RestRequest request) {
        var port = request.getHttpChannel().getLocalAddress().getPort();
        var own = Set.of("127.0.0.1:" + port, "localhost:" + port, "[::1]:" + port);
        var hosts = values(request, "Host");
        if (hosts.size() != 1 || !own.contains(hosts.get(0).toLowerCase(Locale.ROOT))) {
            return "its Host is " + String.join(", ", hosts) + " and not 127.0.0.1:" + port + " or localhost:" + port;
        }
        if (!values(request, "Origin").isEmpty()) {
            return "it has an Origin, so a web page sent it";
        }
        if (!values(request, "Sec-Fetch-Site").stream().allMatch("none"::equals)) {
            return "its Sec-Fetch-Site is not none, so a web page sent it";
        }
        return null;
    }

    private static List<String> values(RestRequest request, String header) {
        var values = request.getAllHeaderValues(header);    // whatever the case of the name
        return values == null ? List.of() : values;
    }

    private static RestResponse refusal(String fault) {
        try {
            return new RestResponse(RestStatus.FORBIDDEN, XContentFactory.jsonBuilder()
                .startObject()
                .startObject("error")
                .field("type", "not_a_local_program")
                .field("reason", "this Elasticsearch answers programs of its own machine only; request refused: " + fault)
                .endObject()
                .field("status", RestStatus.FORBIDDEN.getStatus())
                .endObject());
        } catch (IOException impossible) {  // it writes to memory
            throw new UncheckedIOException(impossible);
        }
    }
}
