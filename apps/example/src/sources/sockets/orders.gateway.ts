import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Tracked } from 'nestjs-job-tracking';

export interface Order {
  id: string;
  sku: string;
}

@WebSocketGateway({ path: '/orders' })
export class OrdersGateway {
  /** A client that has lost its connection sends its order again, and gets the answer that it has missed. */
  @SubscribeMessage('place')
  @Tracked('order.id', { kind: 'place', onDuplicate: 'replay' })
  async place(_client: WebSocket, order: Order) {
    return { event: 'placed', data: { order: order.id, text: `${order.sku} is on its way` } };
  }
}
