import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Asks a Clearline gateway about an applicant, asks again before the line is opened, and reports the outcome.
 *
 * <pre>java Activate URL TOKEN_FILE APPLICANT_FILE</pre>
 *
 * The applicant's file is the body of POST /check and names an order. The program ends with 0 when the outcome is
 * reported, 1 when the gateway refuses, and 3 when it cannot answer.
 */
public final class Activate {
    private static final int ATTEMPTS = 4;
    private static final Duration TIMEOUT = Duration.ofSeconds(35);

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIMEOUT).build();
    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final String url;
    private final String token;

    private Activate(String url, String token) {
        this.url = url;
        this.token = token;
    }

    /** The gateway refused, with a problem document (RFC 9457): its type is stable, its errors name no value. */
    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(int status, Map<?, ?> problem) {
            super(status + " " + problem.get("type") + ": " + problem.get("title") + " "
                    + (problem.containsKey("detail") ? problem.get("detail") : "")
                    + (problem.containsKey("errors") ? problem.get("errors") : ""));
        }
    }

    /** Nobody knows whether the call arrived; every call of this program may be repeated. */
    private static final class Unavailable extends Exception {
        private static final long serialVersionUID = 1L;

        private final long waitSeconds;

        Unavailable(String reason, long waitSeconds) {
            super("the gateway cannot answer now: " + reason);
            this.waitSeconds = waitSeconds;
        }
    }

    private Map<?, ?> get(String path) throws Refused, Unavailable, InterruptedException {
        return call(request(path).GET().build());
    }

    private Map<?, ?> post(String path, String body) throws Refused, Unavailable, InterruptedException {
        HttpRequest.BodyPublisher content = HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8);
        return call(request(path).header("Content-Type", "application/json").POST(content).build());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url + path)).timeout(TIMEOUT).header("Authorization", "Bearer " + token);
    }

    private Map<?, ?> call(HttpRequest request) throws Refused, Unavailable, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                return once(request);
            } catch (Unavailable unavailable) {
                if (attempt == ATTEMPTS) {
                    throw unavailable;
                }
                long seconds = unavailable.waitSeconds > 0 ? unavailable.waitSeconds : 1L << (attempt - 1);
                Thread.sleep(Duration.ofSeconds(seconds).toMillis());
            }
        }
    }

    private Map<?, ?> once(HttpRequest request) throws Refused, Unavailable, InterruptedException {
        HttpResponse<String> response;
        try {
            response = http.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (IOException trouble) {
            throw new Unavailable(String.valueOf(trouble), 0);
        }
        Map<?, ?> answer = (Map<?, ?>) Json.read(response.body());
        if (response.statusCode() < 300) {
            return answer;
        }
        Refused refused = new Refused(response.statusCode(), answer);
        if (response.statusCode() == 503) {
            throw new Unavailable(refused.getMessage(), response.headers().firstValueAsLong("Retry-After").orElse(0));
        }
        throw refused;
    }

    /** Obeys the decision: a line that was not allowed is not opened. It acts on codes, never on sentences. */
    private static String[] outcomeOf(String decision) {
        switch (decision) {
            case "ALLOW":
                return new String[] {"ACTIVATED"};
            case "PREPAID_ONLY":
                return new String[] {"PREPAID"};
            case "PAY_FIRST":
                return new String[] {"DECLINED", "NOT_PAID"};
            default:
                return new String[] {"DECLINED", "OTHER"};
        }
    }

    private void run(String applicant) throws Refused, Unavailable, InterruptedException {
        Object named = ((Map<?, ?>) Json.read(applicant)).get("order");
        if (!(named instanceof String)) {
            throw new IllegalArgumentException("the applicant's file has to name an order");
        }
        String order = "\"order\":" + Json.quoted((String) named);

        Map<?, ?> first = post("/check", applicant);
        out.println("checked " + first.get("decision") + " " + joined(first.get("reasons")));
        for (Object spoken : ((Map<?, ?>) first.get("texts")).values()) {
            for (Object sentence : (List<?>) ((Map<?, ?>) spoken).get("clerk")) {
                out.println("  clerk: " + sentence);
            }
        }
        if (!Boolean.TRUE.equals(first.get("order_kept"))) {
            throw new IllegalStateException("the gateway could not keep the order: check it again before it is opened");
        }
        if (first.get("quote") != null) {
            show(get("/quotes/" + ((Map<?, ?>) first.get("quote")).get("reference")));
        }

        Map<?, ?> again = post("/recheck", "{" + order + "}");
        out.println("rechecked " + again.get("decision") + " changed " + again.get("changed"));

        String[] told = outcomeOf((String) again.get("decision"));
        String outcome = ",\"outcome\":" + Json.quoted(told[0]);
        String reason = told.length == 1 ? "" : ",\"reason\":" + Json.quoted(told[1]);
        Map<?, ?> answer = post("/activations", "{" + order + outcome + reason + "}");
        out.println("reported " + told[0] + " " + answer.get("basis") + " obeyed " + answer.get("obeyed")
                + " revision " + answer.get("revision"));
    }

    private void show(Map<?, ?> quote) {
        for (Object each : (List<?>) quote.get("creditors")) {
            Map<?, ?> creditor = (Map<?, ?>) each;
            long fen = (Long) creditor.get("total_fen");
            out.println(String.format("  owed to %s: %d.%02d yuan, %s",
                    creditor.get("creditor_name"), fen / 100, fen % 100, creditor.get("how_to_pay")));
        }
    }

    private static String joined(Object codes) {
        List<String> texts = new ArrayList<>();
        for (Object each : (List<?>) codes) {
            texts.add((String) each);
        }
        return String.join("+", texts);
    }

    public static void main(String[] words) throws InterruptedException {
        if (words.length != 3) {
            System.err.println("usage: java Activate URL TOKEN_FILE APPLICANT_FILE");
            System.exit(2);
        }
        try {
            new Activate(words[0], Files.readString(Path.of(words[1])).strip()).run(Files.readString(Path.of(words[2])));
        } catch (Unavailable unavailable) {
            System.err.println(unavailable.getMessage());
            System.exit(3);
        } catch (Refused | IOException | IllegalArgumentException | IllegalStateException wrong) {
            System.err.println(wrong.getMessage());
            System.exit(1);
        }
    }
}
