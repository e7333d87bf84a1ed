import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.x.discovery.ServiceDiscovery;
import org.apache.curator.x.discovery.ServiceDiscoveryBuilder;
import org.apache.curator.x.discovery.ServiceInstance;

/** Prints the instances of a service as Curator reads them. */
public final class Discover {
    public static void main(String[] args) throws Exception {
        try (CuratorFramework client =
                CuratorFrameworkFactory.newClient(args[0], new RetryOneTime(1000))) {
            client.start();
            try (ServiceDiscovery<Object> discovery =
                    ServiceDiscoveryBuilder.builder(Object.class)
                            .client(client)
                            .basePath(args[1])
                            .build()) {
                discovery.start();
                for (ServiceInstance<Object> instance : discovery.queryForInstances(args[2])) {
                    System.out.printf(
                            "%s %s:%d %s%n",
                            instance.getId(),
                            instance.getAddress(),
                            instance.getPort(),
                            instance.getServiceType());
                }
            }
        }
    }
}
