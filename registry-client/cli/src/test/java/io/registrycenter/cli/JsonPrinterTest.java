package io.registrycenter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonPrinterTest {
    private static final String INSTANCE = "{\"service\":\"orders\",\"id\":\"a1\",\"status\":\"UP\",\"zone\":\"z1\","
            + "\"weight\":100,\"endpoints\":[{\"name\":\"grpc\",\"host\":\"127.0.0.1\",\"port\":7001,\"tls\":false}],"
            + "\"metadata\":{\"note\":\"\\\"\\u001b[31m\\n\",\"track\":\"blue\"},"
            + "\"created_revision\":16,\"modified_revision\":17}";

    @Test
    void all_events_areOneObjectALine() {
        assertThat(Samples.printed(JsonPrinter::new, Samples::all))
                .containsExactly(
                        "{\"event\":\"connected\",\"stream\":\"watch\",\"target\":\"127.0.0.1:9090\",\"node\":\"node-a\","
                                + "\"stream_id\":\"s-1\",\"epoch\":\"e1\",\"revision\":17}",
                        "{\"event\":\"resumed\",\"stream\":\"watch\",\"target\":\"127.0.0.1:9090\",\"node\":\"node-a\","
                                + "\"stream_id\":\"s-1\",\"epoch\":\"e1\",\"revision\":17}",
                        "{\"event\":\"lost\",\"stream\":\"watch\",\"target\":\"127.0.0.1:9090\",\"stream_id\":\"s-1\","
                                + "\"cause\":\"PEER_RESET\",\"origin\":\"peer\",\"phase\":\"live\",\"age_ms\":1234,"
                                + "\"idle_ms\":56,\"detail\":\"\",\"failures\":1,\"retries\":true,\"next_attempt_ms\":700}",
                        "{\"event\":\"stale\",\"stale_for_ms\":3000,\"instances\":2}",
                        "{\"event\":\"snapshot\",\"namespace\":\"default\",\"service\":\"orders\",\"reason\":\"INITIAL\","
                                + "\"epoch\":\"e1\",\"revision\":17,\"instances\":[" + INSTANCE + "]}",
                        "{\"event\":\"put\",\"service\":\"orders\",\"id\":\"a1\",\"revision\":17,\"new\":true,\"instance\":"
                                + INSTANCE + "}",
                        "{\"event\":\"removal\",\"service\":\"orders\",\"id\":\"a1\",\"revision\":18,"
                                + "\"reason\":\"SESSION_EXPIRED\"}",
                        "{\"event\":\"registered\",\"namespace\":\"default\",\"service\":\"orders\",\"id\":\"a1\","
                                + "\"epoch\":\"e1\",\"revision\":17}",
                        "{\"event\":\"deregistered\",\"namespace\":\"default\",\"service\":\"orders\",\"id\":\"a1\"}",
                        "{\"event\":\"instance_lost\",\"namespace\":\"default\",\"service\":\"orders\",\"id\":\"a1\","
                                + "\"reason\":\"REPLACED\"}",
                        "{\"event\":\"services\",\"namespace\":\"default\",\"epoch\":\"e1\",\"revision\":17,"
                                + "\"stale\":false,\"services\":[{\"name\":\"orders\",\"instances\":2,\"up\":1}]}",
                        "{\"event\":\"instances\",\"epoch\":\"e1\",\"revision\":17,\"stale\":true,\"instances\":["
                                + INSTANCE + "]}");
    }

    @Test
    void add_anyString_staysOneLineOfValidJson() {
        Json json = new Json().add("k\n", "a\"\\\t\u2028\ud800z\ud83d\ude00").add("m", Map.of());

        assertThat(json).hasToString("{\"k\\n\":\"a\\\"\\\\\\t\\u2028\\ud800z\ud83d\ude00\",\"m\":{}}");
    }
}
