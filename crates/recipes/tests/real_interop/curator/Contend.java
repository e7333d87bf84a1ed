import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.InterProcessReadWriteLock;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreV2;
import org.apache.curator.framework.recipes.locks.Lease;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.data.Stat;

/**
 * Contends with Curator's recipes, and uses a referee's resource while it holds what it contends for.
 * Arguments: a server, the referee, the recipe, its path, how many contend, how often each.
 */
public final class Contend {
    private static final int PERMITS = 2;

    private final int number;
    private final String recipe;
    private final String path;
    private final CuratorFramework client;
    private final BufferedReader answers;
    private final PrintWriter questions;

    private Contend(int number, String server, String referee, String recipe, String path)
            throws Exception {
        this.number = number;
        this.recipe = recipe;
        this.path = path;
        client = CuratorFrameworkFactory.newClient(server, new RetryOneTime(1000));
        client.start();
        client.blockUntilConnected(30, TimeUnit.SECONDS);
        String[] address = referee.split(":");
        Socket socket = new Socket(address[0], Integer.parseInt(address[1]));
        answers = new BufferedReader(new InputStreamReader(socket.getInputStream()));
        questions = new PrintWriter(socket.getOutputStream(), true);
    }

    public static void main(String[] args) throws Exception {
        int count = Integer.parseInt(args[4]);
        int rounds = Integer.parseInt(args[5]);
        List<Contend> contenders = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            contenders.add(new Contend(number, args[0], args[1], args[2], args[3]));
        }
        System.out.println("connected");
        ExecutorService threads = Executors.newFixedThreadPool(count);
        List<Future<?>> ends = new ArrayList<>();
        for (Contend contender : contenders) {
            ends.add(threads.submit(() -> contender.run(rounds)));
        }
        for (Future<?> end : ends) {
            end.get();
        }
        threads.shutdown();
    }

    private Void run(int rounds) throws Exception {
        for (int round = 0; round < rounds; round++) {
            once(round);
        }
        client.close();
        return null;
    }

    private void once(int round) throws Exception {
        switch (recipe) {
            case "mutex":
                lock(new InterProcessMutex(client, path), "alone");
                break;
            case "read-write":
                InterProcessReadWriteLock lock = new InterProcessReadWriteLock(client, path);
                boolean isShared = (number + round) % 3 != 0;
                lock(isShared ? lock.readLock() : lock.writeLock(), isShared ? "shared" : "alone");
                break;
            case "semaphore":
                var semaphore = new InterProcessSemaphoreV2(client, path, PERMITS);
                Lease lease = semaphore.acquire();
                use(path + "/leases", Integer.toString(PERMITS));
                semaphore.returnLease(lease);
                break;
            default:
                try (LeaderLatch latch = new LeaderLatch(client, path, "curator-" + number)) {
                    latch.start();
                    latch.await();
                    use(path, "alone");
                }
        }
    }

    private void lock(InterProcessMutex lock, String how) throws Exception {
        lock.acquire();
        use(path, how);
        lock.release();
    }

    private void use(String parent, String how) throws Exception {
        long token = token(parent);
        ask("enter curator-" + number + " " + how + " " + token + " -");
        // Whoever must not be inside may come meanwhile.
        TimeUnit.MICROSECONDS.sleep(ThreadLocalRandom.current().nextInt(2000));
        ask("leave " + token);
    }

    private long token(String parent) throws Exception {
        long session = client.getZookeeperClient().getZooKeeper().getSessionId();
        for (String name : client.getChildren().forPath(parent)) {
            Stat stat = client.checkExists().forPath(parent + "/" + name);
            if (stat != null && stat.getEphemeralOwner() == session) {
                return stat.getCzxid();
            }
        }
        throw new IllegalStateException("no znode of this session");
    }

    private void ask(String line) throws Exception {
        questions.println(line);
        String answer = answers.readLine();
        if (!"ok".equals(answer)) {
            throw new IllegalStateException(line + ": " + answer);
        }
    }
}
